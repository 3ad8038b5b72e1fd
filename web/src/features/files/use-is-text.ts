import { useQuery } from "@tanstack/react-query";
import type { ShownFile } from "@/api/files/files";
import { contentQuery } from "@/api/files/media";
import { isText } from "@/data/files/preview-kind";

const SNIFFED_BYTES = 4096;

/** Whether a file whose name does not tell is text: its first bytes do. Null: not known yet. */
export function useIsText(file: ShownFile): boolean | null {
  const query = useQuery({
    ...contentQuery(
      file,
      "first bytes",
      async (answer) => isText(new Uint8Array(await answer.arrayBuffer())),
      { headers: { range: `bytes=0-${SNIFFED_BYTES - 1}` } },
    ),
    enabled: file.n_bytes > 0,
  });
  if (file.n_bytes === 0) return true;
  return query.isPending ? null : (query.data ?? false);
}
