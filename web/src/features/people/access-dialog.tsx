/**
 * Who may see and change a project: visibility, the role of all users, people with roles of their own, and why.
 */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import {
  accessQuery,
  editAccess,
  explanationQuery,
  type ProjectAccess,
  type ProjectAccessEdit,
} from "@/api/people/access";
import { seeAs } from "@/api/people/sight";
import type { Role } from "@/api/people/teams";
import { projectId } from "@/api/projects";
import type { ProjectRef } from "@/api/types";
import { faultText } from "@/data/text/fault-text";
import { Button } from "@/ui/controls/button";
import { Dialog } from "@/ui/overlays/dialog";
import { attempt } from "@/ui/overlays/toasts";
import { Fault } from "@/ui/signs/fault";
import { Icon } from "@/ui/signs/icons";
import { SkeletonRows } from "@/ui/signs/skeleton";
import { Person } from "../person";
import { RoleSelect } from "./role-select";
import { UserField } from "./user-field";
import { VISIBILITIES, VisibilityMark } from "./visibility";
import "./people.css";

export function AccessDialog({ project, onClose }: { project: ProjectRef; onClose(): void }) {
  const [isOpen, setOpen] = useState(true);
  const { data: access, error, refetch } = useQuery(accessQuery(project));
  return (
    <Dialog
      title={`Access to ${project.project}`}
      isOpen={isOpen}
      width={520}
      onClose={() => setOpen(false)}
      onClosed={onClose}
    >
      {error && !access ? (
        <Fault title="The access could not be read" error={error} onRetry={refetch} />
      ) : access === undefined ? (
        <SkeletonRows n={4} label="Loading the access" height={40} />
      ) : (
        <div className="access">
          <VisibilityPart project={project} access={access} />
          <MembersPart project={project} access={access} />
          {access.role === "admin" && <WhyPart project={project} />}
          {access.role === "admin" && <SightPart project={project} />}
        </div>
      )}
    </Dialog>
  );
}

interface PartProps {
  readonly project: ProjectRef;
  readonly access: ProjectAccess;
}

/** Changes the access, and tells if that fails. */
function useEdit(project: ProjectRef) {
  const client = useQueryClient();
  return (edit: ProjectAccessEdit) =>
    attempt(`Could not change the access to ${project.project}`, async () => {
      client.setQueryData(accessQuery(project).queryKey, await editAccess(project, edit));
    });
}

function VisibilityPart({ project, access }: PartProps) {
  const edit = useEdit(project);
  const { visibility, open_role, role } = access;
  const isOpen = visibility === "open" || visibility === "public";
  if (role !== "admin")
    return (
      <section aria-label="Seen by">
        <h3>Seen by</h3>
        <VisibilityMark {...access} />
        <p className="meta">
          {role ? `Your role here: ${role}.` : ""} Admins of the project may change its access.
        </p>
      </section>
    );
  return (
    <section aria-label="Seen by">
      <h3>Seen by</h3>
      <div className="visibilities" role="radiogroup" aria-label="Seen by">
        {VISIBILITIES.map(({ value, label, icon, meta }) => (
          <label key={value} className={value === visibility ? "on" : undefined}>
            <input
              type="radio"
              name="visibility"
              checked={value === visibility}
              onChange={() => void edit({ visibility: value })}
            />
            <Icon name={icon} isSmall />
            <span>
              {label}
              <span className="meta">{meta}</span>
            </span>
          </label>
        ))}
      </div>
      {isOpen && (
        <div className="row access-line">
          <span className="grow">All who are signed in are</span>
          <RoleSelect of="all users" role={open_role} onChange={(next) => void edit({ open_role: next })} />
        </div>
      )}
    </section>
  );
}

function MembersPart({ project, access }: PartProps) {
  const edit = useEdit(project);
  const client = useQueryClient();
  const [name, setName] = useState("");
  const [fault, setFault] = useState<string | null>(null);
  const mayManage = access.role === "admin";
  const members = Object.entries(access.members) as [string, Role][];
  const teams = Object.entries(access.teams) as [string, Role][];
  const add = async (event: FormEvent) => {
    event.preventDefault();
    const user = name.trim();
    if (user === "") return;
    try {
      const changed = await editAccess(project, { members: { [user]: "viewer" } });
      client.setQueryData(accessQuery(project).queryKey, changed);
      setName("");
    } catch (error) {
      setFault(faultText(error));
    }
  };
  return (
    <section aria-label="Roles of their own">
      <h3>Roles of their own</h3>
      <p className="meta">
        {members.length + teams.length === 0
          ? "No one has a role here that differs from the one in the team."
          : "A user's role here counts before the one in the team; its admins stay admins. Members of another team have at least its role."}
      </p>
      {members.map(([user, role]) => (
        <div key={user} className="row access-line">
          <span className="grow">
            <Person user={user} />
          </span>
          <RoleSelect
            of={user}
            role={role}
            isDisabled={!mayManage}
            removal="Take the role away"
            onChange={(next) => void edit({ members: { [user]: next } })}
            onRemove={() => void edit({ members: { [user]: null } })}
          />
        </div>
      ))}
      {teams.map(([team, role]) => (
        <div key={`team ${team}`} className="row access-line">
          <span className="grow ell">Members of {team}</span>
          <RoleSelect
            of={`the members of ${team}`}
            role={role}
            isDisabled={!mayManage}
            removal="Take the role away"
            onChange={(next) => void edit({ teams: { [team]: next } })}
            onRemove={() => void edit({ teams: { [team]: null } })}
          />
        </div>
      ))}
      {mayManage && (
        <form className="access-add" onSubmit={(event) => void add(event)}>
          <UserField
            label="User name"
            text={name}
            error={fault}
            onText={(text) => {
              setName(text);
              setFault(null);
            }}
          />
          <Button type="submit" disabled={name.trim() === ""}>
            Add as viewer
          </Button>
        </form>
      )}
    </section>
  );
}

function WhyPart({ project }: { project: ProjectRef }) {
  const [name, setName] = useState("");
  const [user, setUser] = useState<string | null>(null);
  const { data, error } = useQuery({ ...explanationQuery(project, user ?? ""), enabled: user !== null });
  return (
    <section aria-label="Why can someone see this?">
      <h3>Why can someone see this?</h3>
      <form
        className="access-add"
        onSubmit={(event) => {
          event.preventDefault();
          setUser(name.trim() || null);
        }}
      >
        <UserField
          label="User to explain"
          placeholder="User name"
          text={name}
          onText={(text) => {
            setName(text);
            setUser(null);
          }}
        />
        <Button type="submit" disabled={name.trim() === ""}>
          Explain
        </Button>
      </form>
      {error && (
        <p className="errt" role="alert">
          {error.message}
        </p>
      )}
      {data && (
        <p className="explanation" role="status">
          <b>{data.user}</b>{" "}
          {data.role ? `is ${data.role} of ${projectId(project)}` : `does not see ${projectId(project)}`}:{" "}
          {data.reason}.{data.may.length > 0 && <span className="meta"> May {data.may.join(", ")}.</span>}
        </p>
      )}
    </section>
  );
}

/** Roles whose view an admin can take; null: of someone who has none. */
const SIGHTS = [
  { label: "A viewer", role: "viewer" },
  { label: "A member", role: "member" },
  { label: "A stranger", role: null },
] as const;

function SightPart({ project }: { project: ProjectRef }) {
  const [name, setName] = useState("");
  const [fault, setFault] = useState<string | null>(null);
  const see = async (choice: Parameters<typeof seeAs>[1]) => {
    try {
      await seeAs(project, choice);
      window.location.reload();
    } catch (error) {
      setFault(faultText(error));
    }
  };
  return (
    <section aria-label="See it as someone else">
      <h3>See it as someone else</h3>
      <p className="meta">
        Pages then show what they see of what you manage, and nothing can be changed. The audit log notes it.
      </p>
      <form
        className="access-add"
        onSubmit={(event) => {
          event.preventDefault();
          void see({ user: name.trim() });
        }}
      >
        <UserField
          label="User to see it as"
          placeholder="User name"
          text={name}
          error={fault}
          onText={(text) => {
            setName(text);
            setFault(null);
          }}
        />
        <Button type="submit" icon="eye" disabled={name.trim() === ""}>
          See as them
        </Button>
      </form>
      <div className="row access-sights">
        {SIGHTS.map(({ label, role }) => (
          <Button key={label} isSmall onClick={() => void see({ role })}>
            {label}
          </Button>
        ))}
      </div>
    </section>
  );
}
