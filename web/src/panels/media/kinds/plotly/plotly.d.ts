/** The part of Plotly that the app uses. */
interface Plotly {
  register(modules: readonly PlotlyModule[]): void;
  react(element: HTMLElement, data: readonly object[], layout: object, config: object): Promise<unknown>;
  purge(element: HTMLElement): void;
  Plots: { resize(element: HTMLElement): void };
}

/** A type of traces, or a component of all. */
type PlotlyModule = object;

declare module "plotly.js/lib/core" {
  const plotly: Plotly;
  export default plotly;
}

declare module "plotly.js/lib/*" {
  const module: PlotlyModule;
  export default module;
}

declare module "plotly.js/src/traces/*" {
  const module: PlotlyModule;
  export default module;
}
