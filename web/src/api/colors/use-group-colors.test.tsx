import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { renderHook, waitFor } from "@testing-library/react";
import type { ReactNode } from "react";
import { expect, test } from "vitest";
import { GROUP_COLORS, RUN_COLORS } from "@/data/runs/color";
import { groupId } from "@/data/view/view";
import { groupsByAgeQuery } from "../runs/groups";
import { useGroupColors } from "./use-group-colors";

const REF = { entity: "local", project: "p" };
const BY = ["config.lr"];

/** The colours of groups in a project that has these, the oldest first. */
function hookOf(ids: readonly string[], groups: readonly string[], chosen = {}) {
  const client = new QueryClient({ defaultOptions: { queries: { staleTime: Number.POSITIVE_INFINITY } } });
  client.setQueryData(groupsByAgeQuery(REF, BY).queryKey, ids);
  const wrapper = ({ children }: { children: ReactNode }) => (
    <QueryClientProvider client={client}>{children}</QueryClientProvider>
  );
  const hook = renderHook(({ groups }) => useGroupColors(REF, BY, groups, chosen), {
    initialProps: { groups },
    wrapper,
  });
  return { client, ...hook };
}

function idsOf(n: number): string[] {
  return Array.from({ length: n }, (_, i) => groupId([i / 100]));
}

test.each([RUN_COLORS, GROUP_COLORS])(
  "of %i groups each has another color, whatever a filter leaves",
  (n) => {
    const ids = idsOf(n);
    const { result, rerender } = hookOf(ids, ids);
    const all = result.current;
    expect(new Set(ids.map((id) => all[id])).size).toBe(n);
    for (const left of [ids.slice(-1), ids.slice(3, 5).reverse(), []]) {
      rerender({ groups: left });
      expect(result.current).toEqual(all);
      // and for someone who opens the page with the filter
      expect(hookOf(ids, left).result.current).toEqual(all);
    }
  },
);

test("a new group changes none", async () => {
  const ids = idsOf(RUN_COLORS);
  const { result, client } = hookOf(ids.slice(0, 5), ids.slice(0, 5));
  const before = result.current;
  client.setQueryData(groupsByAgeQuery(REF, BY).queryKey, ids);
  await waitFor(() => expect(Object.keys(result.current)).toHaveLength(ids.length));
  expect(result.current).toMatchObject(before);
});

test("of more groups than colors those that are drawn differ, and keep their colors under a filter", () => {
  const ids = idsOf(4 * GROUP_COLORS);
  const drawn = ids.filter((_, i) => i % 5 === 0);
  const chosen = { [drawn[0]!]: 7 };
  const { result, rerender } = hookOf(ids, drawn, chosen);
  const all = result.current;
  expect(new Set(drawn.map((id) => all[id])).size).toBe(drawn.length);
  expect(all[drawn[0]!]).toBe(7);
  rerender({ groups: drawn.slice(5, 8) });
  for (const id of drawn) expect(result.current[id]).toBe(all[id]);
});
