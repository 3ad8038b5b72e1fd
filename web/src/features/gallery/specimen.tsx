import type { ReactNode } from "react";

export function Specimens({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section aria-label={title}>
      <h2 className="h2">{title}</h2>
      <div className="card specimens">{children}</div>
    </section>
  );
}

export function Line({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="specimen">
      <span className="muted">{name}</span>
      <div className="row">{children}</div>
    </div>
  );
}
