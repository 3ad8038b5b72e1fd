/** Plotly without traces, but for `scatter`; dates of its axes may be of any calendar. */

import calendars from "plotly.js/lib/calendars";
import plotly from "plotly.js/lib/core";

plotly.register([calendars]);

export default plotly;
