/** Takes the place of the layouts of media in a static file, which has one. */
export function LayoutEntry(): null {
  return null;
}

export function LayoutTools(): null {
  return null;
}
