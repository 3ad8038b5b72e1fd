/** A 3D object: points, boxes or a mesh, turned by dragging or with the arrow keys. */

import { useQuery } from "@tanstack/react-query";
import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import { contentQuery, type MediaFile } from "@/api/files/media";
import { onTokensChange } from "@/charts/tokens";
import { nameOf } from "../grid/media-groups";
import { dropScene, makeScene } from "../three/scene";
import { View3d } from "../three/view-3d";
import { ContentFault } from "./content-fault";
import type { ContentProps } from "./content-props";

const TURN_DEGREES = 10;

function objectQuery(file: MediaFile) {
  return contentQuery(file, "bytes", (answer) => answer.arrayBuffer());
}

export default function Object3dContent({ item, isLarge }: ContentProps) {
  const { data, error } = useQuery(objectQuery(item.file));
  const [fault, setFault] = useState<string | null>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const view = useRef<View3d | null>(null);
  const { path } = item.file;
  useEffect(() => {
    const element = canvas.current;
    if (!element || !data) return;
    let end = () => {};
    let isGone = false;
    const show = async () => {
      end();
      const scene = await makeScene(path, data);
      if (isGone) return dropScene(scene);
      const instance = new View3d(element, scene);
      view.current = instance;
      end = () => {
        instance.destroy();
        dropScene(scene);
      };
      setFault(null);
    };
    const tell = (problem: unknown) => setFault(problem instanceof Error ? problem.message : String(problem));
    show().catch(tell);
    const forget = onTokensChange(() => void show().catch(tell));
    return () => {
      isGone = true;
      forget();
      end();
      view.current = null;
    };
  }, [data, path]);
  const onKeyDown = (event: KeyboardEvent) => {
    const by = event.key === "ArrowLeft" ? -TURN_DEGREES : event.key === "ArrowRight" ? TURN_DEGREES : 0;
    // over the page, arrows go to other steps
    if (by === 0 || isLarge) return;
    event.preventDefault();
    event.stopPropagation();
    view.current?.turn(by);
  };
  const problem = error?.message ?? fault;
  if (problem) return <ContentFault item={item} reason={problem} />;
  return (
    <canvas
      ref={canvas}
      className="media-fill media-3d"
      tabIndex={0}
      role="img"
      aria-label={`${nameOf(item)}: drag to turn it`}
      onKeyDown={onKeyDown}
    />
  );
}
