/** The content of an item by its kind; a download of what no media panel draws. */

import { type ComponentType, Suspense, useRef } from "react";
import { useInView } from "../frame/use-in-view";
import { EAGER_CONTENTS, LAZY_CONTENTS } from "./contents.gen";
import { Download } from "./kinds/content-fault";
import type { ContentProps } from "./kinds/content-props";

type Contents = Readonly<Partial<Record<string, ComponentType<ContentProps>>>>;
const EAGER: Contents = EAGER_CONTENTS;
const LAZY: Contents = LAZY_CONTENTS;

export function MediaContent(props: ContentProps) {
  const { kind } = props.item;
  const Eager = EAGER[kind];
  if (Eager) return <Eager {...props} />;
  const Lazy = LAZY[kind];
  return Lazy ? <InView {...props} content={Lazy} /> : <Download item={props.item} />;
}

/** Drawn by code: only while it is in view, and each file from scratch, so that none has the fault of another. */
function InView({
  content: Content,
  ...props
}: ContentProps & { readonly content: ComponentType<ContentProps> }) {
  const ref = useRef<HTMLDivElement>(null);
  const isInView = useInView(ref) || props.isLarge;
  return (
    <div className="media-fill" ref={ref}>
      {isInView && (
        <Suspense>
          <Content key={props.item.file.url} {...props} />
        </Suspense>
      )}
    </div>
  );
}
