/** The x axis of logged objects, as the server takes it. */

import type { Schemas } from "../types";

export type ObjectAxis = Required<Pick<Schemas["HistogramQuery"], "axis">> &
  Pick<Schemas["HistogramQuery"], "axis_metric">;
