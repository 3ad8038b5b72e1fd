/** The frame of all pages: `Shell`, and nothing around what is shared, whose readers have no account. */

import { Outlet, useLocation } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { useOpenShare } from "@/features/open-share";
import { Shell } from "./shell";

const ShareDialog = lazy(() => import("@/features/share/share-dialog"));

export function Frame() {
  const isShared = useLocation({ select: ({ pathname }) => pathname.startsWith("/share/") });
  const open = useOpenShare((state) => state.open);
  if (isShared) return <Outlet />;
  return (
    <>
      <Shell />
      <Suspense fallback={null}>{open && <ShareDialog {...open} />}</Suspense>
    </>
  );
}
