import { notifyManager, QueryCache, QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { ApiError } from "@/api/client";
import { UiProvider } from "@/ui/ui-provider";
import { noteRefusal } from "./page-gate";
import { router } from "./router";

const RETRIES = 4;

const client = new QueryClient({
  queryCache: new QueryCache({ onError: noteRefusal }),
  defaultOptions: {
    queries: {
      // the event stream tells what has changed; nothing grows old by itself
      staleTime: Number.POSITIVE_INFINITY,
      refetchOnWindowFocus: false,
      // the server is often on this machine: the browser's idea of being offline says nothing
      networkMode: "always",
      retry: (count, error) =>
        count < RETRIES && !(error instanceof ApiError && error.status >= 400 && error.status < 500),
      retryDelay: (count) => Math.min(250 * 2 ** count, 4000),
    },
    mutations: { networkMode: "always" },
  },
});

// An edit shows before the next key is handled: by default it waits for a timer, and keys go before timers.
notifyManager.setScheduler(queueMicrotask);

const element = document.getElementById("root");
if (element) {
  createRoot(element).render(
    <StrictMode>
      <QueryClientProvider client={client}>
        <UiProvider>
          <RouterProvider router={router} />
        </UiProvider>
      </QueryClientProvider>
    </StrictMode>,
  );
}
