"""Charts of scikit-learn's models, logged to the active run.

    from weft.integrations.sklearn import plot_classifier

`plot_classifier`, `plot_regressor` and `plot_clusterer` log all that suits a model, in one call;
the others one chart each, under the key that W&B's functions of the same name use. A chart that
can't be made becomes one warning, and the others are logged.

    plots     the functions that log
    charts    the table and preset of each chart
"""

import sklearn

from weft.integrations.sklearn.plots import plot_calibration_curve as plot_calibration_curve
from weft.integrations.sklearn.plots import plot_class_proportions as plot_class_proportions
from weft.integrations.sklearn.plots import plot_classifier as plot_classifier
from weft.integrations.sklearn.plots import plot_clusterer as plot_clusterer
from weft.integrations.sklearn.plots import plot_confusion_matrix as plot_confusion_matrix
from weft.integrations.sklearn.plots import plot_elbow_curve as plot_elbow_curve
from weft.integrations.sklearn.plots import plot_feature_importances as plot_feature_importances
from weft.integrations.sklearn.plots import plot_learning_curve as plot_learning_curve
from weft.integrations.sklearn.plots import plot_outlier_candidates as plot_outlier_candidates
from weft.integrations.sklearn.plots import plot_precision_recall as plot_precision_recall
from weft.integrations.sklearn.plots import plot_regressor as plot_regressor
from weft.integrations.sklearn.plots import plot_residuals as plot_residuals
from weft.integrations.sklearn.plots import plot_roc as plot_roc
from weft.integrations.sklearn.plots import plot_silhouette as plot_silhouette
from weft.integrations.sklearn.plots import plot_summary_metrics as plot_summary_metrics
from weft.integrations.versions import check_version

check_version(sklearn)
