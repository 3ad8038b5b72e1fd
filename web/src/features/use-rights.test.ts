/** Rights of each role, as pages offer them. */

import { expect, test } from "vitest";
import { rightsIn } from "./use-rights";

test("roles are offered what the server allows them", () => {
  const rights = (role: "viewer" | "member" | "admin", is_closed = false) => rightsIn({ role, is_closed });
  expect(rights("viewer")).toEqual({ mayWrite: false, mayShare: false, mayManage: false });
  expect(rights("member")).toEqual({ mayWrite: true, mayShare: true, mayManage: false });
  expect(rights("admin")).toEqual({ mayWrite: true, mayShare: true, mayManage: true });
  // nothing of a closed team is shared, by admins neither
  expect(rights("admin", true)).toEqual({ mayWrite: true, mayShare: false, mayManage: true });
});
