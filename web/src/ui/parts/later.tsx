/**
 * Components whose code comes after the page: when they are first drawn, or while the browser has nothing else to do.
 *
 * Without `lazy`: React holds back what follows the fallback of a Suspense until 300 ms after the last one that it
 * showed, and the code of a panel is there after 10.
 */

import { type ComponentType, type ReactNode, useEffect, useState } from "react";

/** @param fallback drawn until the code is there */
export function later<Props extends object>(
  load: () => Promise<ComponentType<Props>>,
  fallback: ReactNode = null,
): ComponentType<Props> {
  let loaded: ComponentType<Props> | null = null;
  return function Later(props: Props) {
    const [Loaded, setLoaded] = useState(() => loaded);
    const [fault, setFault] = useState<{ readonly error: unknown } | null>(null);
    useEffect(() => {
      if (Loaded) return;
      let isWanted = true;
      load().then(
        (component) => {
          loaded = component;
          if (isWanted) setLoaded(() => component);
        },
        (error: unknown) => isWanted && setFault({ error }),
      );
      return () => {
        isWanted = false;
      };
    }, [Loaded]);
    // to the boundary that offers to load the page again
    if (fault) throw fault.error;
    return Loaded ? <Loaded {...props} /> : fallback;
  };
}

/** Loads the code of what a person may open, once the page is drawn and the browser idle. */
export function useIdleLoad(load: () => Promise<unknown>): void {
  useEffect(() => {
    // a fault shows where the component is drawn
    const begin = () => void load().catch(() => undefined);
    // Safari has no idle callbacks
    if (!("requestIdleCallback" in window)) {
      const timer = setTimeout(begin, IDLE_MILLIS);
      return () => clearTimeout(timer);
    }
    const id = requestIdleCallback(begin);
    return () => cancelIdleCallback(id);
  }, [load]);
}

const IDLE_MILLIS = 1000;
