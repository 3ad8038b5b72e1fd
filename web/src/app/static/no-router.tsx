/** Takes the place of the router in a static file: other pages of weft are not there, so links to them are texts. */

import type { ReactNode } from "react";

interface LinkProps {
  readonly className?: string;
  readonly title?: string;
  readonly children?: ReactNode;
}

export function Link({ className, title, children }: LinkProps) {
  return (
    <span className={className} title={title}>
      {children}
    </span>
  );
}

const NO_ROUTER = { history: { push: () => undefined }, navigate: () => Promise.resolve() };

export function useRouter() {
  return NO_ROUTER;
}

export function useNavigate() {
  return NO_ROUTER.navigate;
}

export function useParams() {
  return {};
}

export function useSearch() {
  return {};
}

/** The part of the address after `#`, which links of the page change. */
export function useLocation<T>({ select }: { select(location: { readonly hash: string }): T }): T {
  return select({ hash: decodeURIComponent(window.location.hash.slice(1)) });
}
