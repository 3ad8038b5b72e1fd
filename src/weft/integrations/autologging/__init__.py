"""`weft.autolog()`: trainings log to weft without a change of their script.

    import weft

    weft.autolog()

    switch          on and off; which framework is patched when
    fits            the outermost fit: its run, what is logged before and after it
    models          models as artifacts, up to a size
    estimators      scikit-learn
    boosters        XGBoost, LightGBM, CatBoost
    keras_models    Keras
    lightning_trainers, transformers_trainers
    optimizers      learning rates of PyTorch's optimizers

Classes and modules are patched, never objects: an estimator that is cloned, pickled or sent to
another process carries nothing of weft.
"""
