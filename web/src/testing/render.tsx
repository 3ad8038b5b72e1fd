/** Renders a part of the app as its page does, and gives a person who types and clicks. */

import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import {
  createMemoryHistory,
  createRootRoute,
  createRoute,
  createRouter,
  RouterProvider,
} from "@tanstack/react-router";
import { render as renderBare, screen, within } from "@testing-library/react";
import userEvent, { type UserEvent } from "@testing-library/user-event";
import type { ReactNode } from "react";
import { FIRST_VIEW, type View } from "@/data/view/view";
import { PassingViewProvider } from "@/features/view/page-view";
import { useReadView, useView } from "@/features/view/view-store";
import { Toasts } from "@/ui/overlays/toasts";
import { UiProvider } from "@/ui/ui-provider";

/** A control alone: no server, no address. */
export function renderControl(control: ReactNode): { user: UserEvent; show(next: ReactNode): void } {
  const user = userEvent.setup();
  const { rerender } = renderBare(<UiProvider>{control}</UiProvider>);
  return { user, show: (next) => rerender(<UiProvider>{next}</UiProvider>) };
}

interface Page {
  readonly user: UserEvent;
  /** The view as it is now. */
  view(): View;
  /** The path of the page that was opened last. */
  path(): string;
  /** The parts of its address after the question mark. */
  search(): object;
}

interface PageOptions {
  /** Fields of the view that are not as at first. */
  readonly view?: Partial<View>;
  readonly path?: string;
  /** The pattern of the path, for parts that read its parameters. */
  readonly route?: string;
}

/** A part of a page, with a view of its own and the messages; resolves once it is there. */
export async function renderPage(
  part: ReactNode,
  { view = {}, path = "/me/vision", route = "$" }: PageOptions = {},
): Promise<Page> {
  const user = userEvent.setup();
  const client = new QueryClient({
    defaultOptions: { queries: { retry: false, staleTime: Number.POSITIVE_INFINITY } },
  });
  let readView: () => View = () => FIRST_VIEW;
  function Told() {
    readView = useReadView();
    useView((now) => now);
    return <div data-testid="page" />;
  }
  const root = createRootRoute({
    component: () => (
      <PassingViewProvider first={{ ...FIRST_VIEW, ...view }}>
        {part}
        <Told />
        <Toasts />
      </PassingViewProvider>
    ),
  });
  const page = createRoute({ getParentRoute: () => root, path: route });
  const router = createRouter({
    routeTree: root.addChildren([page]),
    history: createMemoryHistory({ initialEntries: [path] }),
  });
  renderBare(
    <QueryClientProvider client={client}>
      <UiProvider>
        <RouterProvider router={router as never} />
      </UiProvider>
    </QueryClientProvider>,
  );
  await screen.findByTestId("page");
  return {
    user,
    view: () => readView(),
    path: () => router.latestLocation.pathname,
    search: () => router.latestLocation.search,
  };
}

/** Takes back what a message tells of. */
export async function undo(user: UserEvent, text: string): Promise<void> {
  const toast = (await screen.findByText(text)).closest<HTMLElement>(".toast")!;
  await user.click(within(toast).getByRole("button", { name: "Undo" }));
}
