/**
 * A plugin of remark after remark-math: dollars of prices and of shell variables stay text. As in Pandoc and at GitHub, a
 * formula in single dollars has no space inside of them and no letter or digit after them.
 */

interface Node {
  type: string;
  value?: string;
  data?: unknown;
  children?: Node[];
  readonly position?: {
    readonly start: { readonly offset?: number };
    readonly end: { readonly offset?: number };
  };
}

export function keepPrices() {
  return (tree: Node, file: { readonly value: unknown }) => restorePrices(tree, String(file.value));
}

function restorePrices(node: Node, source: string): void {
  if (node.type === "inlineMath") {
    const from = node.position?.start.offset ?? 0;
    const to = node.position?.end.offset ?? 0;
    const written = source.slice(from, to);
    const isSingle = !written.startsWith("$$");
    if (isSingle && (/^\$\s|\s\$$/.test(written) || /^\w/.test(source.slice(to)))) {
      node.type = "text";
      node.value = written;
      node.data = undefined;
    }
  }
  for (const child of node.children ?? []) restorePrices(child, source);
}
