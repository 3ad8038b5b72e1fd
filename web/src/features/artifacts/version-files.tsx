import type { Artifact } from "@/api/artifacts/artifacts";
import { FileBrowser } from "../files/file-browser";
import { FileSourceContext } from "../files/file-source";
import { useVersionSource } from "./version-source";

export default function VersionFiles({ artifact }: { artifact: Artifact }) {
  return (
    <FileSourceContext value={useVersionSource(artifact)}>
      <FileBrowser none="This version has no files." />
    </FileSourceContext>
  );
}
