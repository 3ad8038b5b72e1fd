/** The role of a user in a team or project, with what each role may do. */

import { ROLES, type Role } from "@/api/people/teams";
import { Menu, MenuItem, MenuLine } from "@/ui/overlays/menu";
import { RadioItem } from "@/ui/overlays/radio-item";
import { Icon } from "@/ui/signs/icons";
import "./people.css";

export const ROLE_NAMES: Readonly<Record<Role, string>> = {
  viewer: "Viewer",
  member: "Member",
  admin: "Admin",
};

const RIGHTS: Readonly<Record<Role, string>> = {
  viewer: "reads everything",
  member: "logs, edits and deletes runs",
  admin: "also roles, visibility, whole projects",
};

interface RoleSelectProps {
  /** Whose role, for screen readers. */
  readonly of: string;
  readonly role: Role;
  readonly isDisabled?: boolean;
  readonly roles?: readonly Role[];
  /** The text of an item that takes the role away; absent: there is none. */
  readonly removal?: string;
  onChange(role: Role): void;
  onRemove?(): void;
}

export function RoleSelect(props: RoleSelectProps) {
  const { of, role, isDisabled, roles = ROLES, removal, onChange, onRemove } = props;
  if (isDisabled) return <span className="t2 role-fixed">{ROLE_NAMES[role]}</span>;
  return (
    <Menu
      target={
        <button
          type="button"
          className="btn sm select role-select"
          aria-label={`Role of ${of}: ${ROLE_NAMES[role]}`}
        >
          <span className="val">{ROLE_NAMES[role]}</span>
          <Icon name="down" isSmall className="caret" />
        </button>
      }
    >
      {roles.map((choice) => (
        <RadioItem
          key={choice}
          label={ROLE_NAMES[choice]}
          isOn={choice === role}
          onChoose={() => choice !== role && onChange(choice)}
        >
          <span className="role-item">
            {ROLE_NAMES[choice]}
            <span className="meta">{RIGHTS[choice]}</span>
          </span>
        </RadioItem>
      ))}
      {removal && onRemove && (
        <>
          <MenuLine />
          <MenuItem icon="x" isDanger onChoose={onRemove}>
            {removal}
          </MenuItem>
        </>
      )}
    </Menu>
  );
}
