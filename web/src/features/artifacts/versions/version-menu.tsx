/** The menu at a row of the versions: what can be done with one without opening it. */

import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import type { Artifact } from "@/api/artifacts/artifacts";
import { copyText } from "@/ui/browser/copy-text";
import { IconButton } from "@/ui/controls/icon-button";
import { Menu, MenuItem, MenuLine } from "@/ui/overlays/menu";
import { DeleteItem } from "../../delete-item";
import { useRights } from "../../use-rights";
import { useVersionLock } from "../lock-button";
import { DeleteVersion } from "./delete-version";

export function VersionMenu({ artifact }: { artifact: Artifact }) {
  const navigate = useNavigate();
  const { entity, project, type, name, version } = artifact;
  const setLock = useVersionLock({ entity, project });
  const isLocked = Boolean(artifact.locked_by);
  const { mayWrite } = useRights({ entity, project });
  const open = (tab?: "compare" | "lineage") =>
    void navigate({
      to: "/$entity/$project/artifacts/$type/$artifact/$version",
      params: { entity, project, type, artifact: name, version: version ?? "latest" },
      search: (tab ? { tab } : {}) as never,
    });
  const [isDeleting, setDeleting] = useState(false);
  return (
    <>
      <Menu
        position="bottom-end"
        target={<IconButton icon="dots" label={`More of ${version ?? name}`} isSmall />}
      >
        {mayWrite && (
          <MenuItem icon="edit" onChoose={() => open()}>
            Describe
          </MenuItem>
        )}
        <MenuItem icon="swap" onChoose={() => open("compare")}>
          Compare
        </MenuItem>
        <MenuItem icon="branch" onChoose={() => open("lineage")}>
          Lineage
        </MenuItem>
        {mayWrite && !artifact.source && (
          <MenuItem icon="lock" onChoose={() => void setLock(artifact, !isLocked)}>
            {isLocked ? "Unlock" : "Lock against deletion"}
          </MenuItem>
        )}
        <MenuItem
          icon="copy"
          onChoose={() => void copyText(`${entity}/${project}/${name}:${version}`, "the name of the version")}
        >
          Copy name
        </MenuItem>
        {mayWrite && (
          <>
            <MenuLine />
            <DeleteItem lockedBy={artifact.locked_by} onChoose={() => setDeleting(true)} />
          </>
        )}
      </Menu>
      {isDeleting && <DeleteVersion artifact={artifact} onClose={() => setDeleting(false)} />}
    </>
  );
}
