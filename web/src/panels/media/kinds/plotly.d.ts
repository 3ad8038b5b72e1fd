/** The part of Plotly that the app uses. */
interface Plotly {
  react(element: HTMLElement, data: readonly object[], layout: object, config: object): Promise<unknown>;
  purge(element: HTMLElement): void;
  Plots: { resize(element: HTMLElement): void };
}

declare module "plotly.js-cartesian-dist-min" {
  const plotly: Plotly;
  export default plotly;
}

declare module "plotly.js-gl3d-dist-min" {
  const plotly: Plotly;
  export default plotly;
}

declare module "plotly.js-strict-dist-min" {
  const plotly: Plotly;
  export default plotly;
}
