/** A tag of a run: outlined, where a chip is filled. */

export function Tag({ children }: { children: string }) {
  return (
    <span className="tag" title={children}>
      <span className="ell">{children}</span>
    </span>
  );
}
