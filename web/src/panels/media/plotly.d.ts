/** The part of Plotly that the app uses. */
declare module "plotly.js-cartesian-dist-min" {
  interface Plotly {
    react(element: HTMLElement, data: readonly object[], layout: object, config: object): Promise<unknown>;
    purge(element: HTMLElement): void;
    Plots: { resize(element: HTMLElement): void };
  }
  const plotly: Plotly;
  export default plotly;
}
