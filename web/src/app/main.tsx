import { notifyManager, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { makeQueryClient } from "@/api/query-client";
import { UiProvider } from "@/ui/ui-provider";
import { noteRefusal } from "./page-gate";
import { router } from "./router";

const client = makeQueryClient(noteRefusal);

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
