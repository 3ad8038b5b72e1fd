/** Who may do what in a registry: roles, and the aliases that only admins move. Admins change both here. */

import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { putRegistry, type Registry } from "@/api/artifacts/registries";
import { Button } from "@/ui/controls/button";
import { IconButton } from "@/ui/controls/icon-button";
import { Select } from "@/ui/controls/select";
import { TextField } from "@/ui/fields/field";
import { TagsField } from "@/ui/fields/tags-field";
import { showFailed } from "@/ui/overlays/toasts";
import { Stage } from "./stage";

const ROLES = [
  { value: "viewer", label: "Viewer", meta: "reads" },
  { value: "member", label: "Member", meta: "links and moves aliases" },
  { value: "admin", label: "Admin", meta: "may do anything" },
] as const;
type Role = (typeof ROLES)[number]["value"];

const VISIBILITIES = [
  { value: "open", label: "All users" },
  { value: "restricted", label: "Its members and teams" },
] as const;
type Visibility = (typeof VISIBILITIES)[number]["value"];

/** Users and teams with roles of their own in a registry. */
const HOLDERS = [
  { kind: "members", title: "" },
  { kind: "teams", title: "Team" },
] as const;

type Edit = Parameters<typeof putRegistry>[2];

export function RegistryAccess({ registry }: { registry: Registry }) {
  const client = useQueryClient();
  const isAdmin = registry.role === "admin";
  const change = async (edit: Edit) => {
    try {
      await putRegistry(client, registry.name, edit);
      return true;
    } catch (error) {
      showFailed("change the registry", error);
      return false;
    }
  };
  const protectedAliases = registry.protected_aliases;
  return (
    <section className="card registry-access" aria-label="Access">
      <h2>Access</h2>
      <dl>
        <div>
          <dt>Protected aliases</dt>
          <dd>
            {isAdmin ? (
              <TagsField
                label="Protected aliases"
                tags={protectedAliases}
                suggestions={["production", "staging"]}
                onChange={(tags) =>
                  void change({
                    protect: tags.filter((alias) => !protectedAliases.includes(alias)),
                    unprotect: protectedAliases.filter((alias) => !tags.includes(alias)),
                  })
                }
              />
            ) : protectedAliases.length > 0 ? (
              <span className="row">
                {protectedAliases.map((alias) => (
                  <Stage key={alias} alias={alias} version={null} isProtected />
                ))}
              </span>
            ) : (
              <span className="muted">none</span>
            )}
            <p className="muted">Only admins move these.</p>
          </dd>
        </div>
        <div>
          <dt>Seen by</dt>
          <dd>
            {isAdmin ? (
              <Select
                label="Who sees the registry"
                value={registry.visibility as Visibility}
                options={VISIBILITIES}
                isSmall
                onChange={(visibility) => void change({ visibility })}
              />
            ) : (
              VISIBILITIES.find(({ value }) => value === registry.visibility)?.label
            )}
          </dd>
        </div>
        {registry.visibility === "open" && (
          <div>
            <dt>All users</dt>
            <dd>
              {isAdmin ? (
                <Select
                  label="Role of all users"
                  value={registry.default_role as Role}
                  options={ROLES}
                  isSmall
                  onChange={(role) => void change({ default_role: role })}
                />
              ) : (
                labelOf(registry.default_role)
              )}
              <p className="muted">Without a role of their own.</p>
            </dd>
          </div>
        )}
        {HOLDERS.flatMap(({ kind, title }) =>
          Object.entries(registry[kind]).map(([name, role]) => (
            <div key={`${kind}/${name}`}>
              <dt className="ell" title={name}>
                {title} {name}
              </dt>
              <dd>
                {isAdmin ? (
                  <span className="row">
                    <Select
                      label={`Role of ${name}`}
                      value={role as Role}
                      options={ROLES}
                      isSmall
                      onChange={(next) => void change({ [kind]: { [name]: next } })}
                    />
                    <IconButton
                      icon="x"
                      label={`Take the role of ${name} away`}
                      onClick={() => void change({ [kind]: { [name]: null } })}
                    />
                  </span>
                ) : (
                  labelOf(role)
                )}
              </dd>
            </div>
          )),
        )}
        {isAdmin && (
          <NewHolder title="Add a user" onAdd={(user) => change({ members: { [user]: "member" } })} />
        )}
        {isAdmin && (
          <NewHolder title="Add a team" onAdd={(team) => change({ teams: { [team]: "member" } })} />
        )}
      </dl>
    </section>
  );
}

function labelOf(role: string): string {
  return ROLES.find(({ value }) => value === role)?.label ?? role;
}

function NewHolder({ title, onAdd }: { title: string; onAdd(name: string): Promise<boolean> }) {
  const [name, setName] = useState("");
  const add = async () => {
    if (name.trim() && (await onAdd(name.trim()))) setName("");
  };
  return (
    <div>
      <dt>{title}</dt>
      <dd>
        <form
          className="row"
          onSubmit={(event) => {
            event.preventDefault();
            void add();
          }}
        >
          <TextField label={`${title}: its name`} isBare placeholder="name" value={name} onChange={setName} />
          <Button isSmall type="submit" disabled={name.trim() === ""}>
            Add
          </Button>
        </form>
      </dd>
    </div>
  );
}
