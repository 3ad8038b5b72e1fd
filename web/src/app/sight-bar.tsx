/** The bar above all pages while an admin looks as someone else: whose view it is, and the way back. */

import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { followSight, type Sight, stopSeeingAs } from "@/api/people/sight";
import { serverQuery } from "@/api/projects";
import { PersonAvatar } from "@/features/person";
import { Button } from "@/ui/controls/button";
import { attempt } from "@/ui/overlays/toasts";
import { Icon } from "@/ui/signs/icons";

export function SightBar() {
  const { data: sight } = useQuery({ ...serverQuery, select: (server) => server.seen_as });
  useEffect(followSight, []);
  return sight ? <Bar sight={sight} /> : null;
}

function Bar({ sight }: { sight: Sight }) {
  const { user, role, until_micros } = sight;
  useEffect(() => {
    // the server shows one's own view from then on
    const timer = setTimeout(() => void stop(), until_micros / 1000 - Date.now());
    return () => clearTimeout(timer);
  }, [until_micros]);
  return (
    <section className="sight" aria-label="Whose view this is">
      {user ? <PersonAvatar user={user} size="sm" /> : <Icon name="eye" isSmall />}
      <span className="ell">
        You see this as <b>{user ?? (role ? `a ${role}` : "a stranger")}</b>
        <span className="sight-note"> · nothing can be changed meanwhile</span>
      </span>
      <Button isSmall onClick={() => void stop()}>
        Stop
      </Button>
    </section>
  );
}

async function stop(): Promise<void> {
  await attempt("Could not return to your own view", async () => {
    await stopSeeingAs();
    window.location.reload();
  });
}
