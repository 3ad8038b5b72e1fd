/** `/settings/server`: the server's address and version. */

import { useQuery } from "@tanstack/react-query";
import { serverQuery } from "@/api/projects";
import type { ServerInfo } from "@/api/types";
import { SettingRow } from "../../people/setting-row";
import { SettingsHead } from "../settings-frame";

export function ServerSection() {
  const { data: server } = useQuery(serverQuery);
  return (
    <>
      <SettingsHead title="Server">What runs here, and where it is reached.</SettingsHead>
      {server && <ServerCard server={server} />}
    </>
  );
}

export function ServerCard({ server }: { server: ServerInfo }) {
  return (
    <section className="card" aria-label="Server">
      <h2>Server</h2>
      <SettingRow name="Address">
        <span className="mono">{server.url}</span>
      </SettingRow>
      <SettingRow name="Version">weft {server.version}</SettingRow>
      {server.data !== null && (
        <SettingRow name="Data directory">
          <span className="mono">{server.data}</span>
        </SettingRow>
      )}
    </section>
  );
}
