import { endSession } from "@/api/people/account";
import { stopSeeingAs } from "@/api/people/sight";
import { forgetUnsent } from "@/api/reports/unsent";

/** End the session and go to the sign-in page, which comes from the server at any address. */
export async function signOut(isSeenAs: boolean): Promise<void> {
  // in the view of someone else nothing can be changed, one's session neither
  if (isSeenAs) await stopSeeingAs();
  await endSession("current");
  await forgetUnsent();
  window.location.assign("/");
}
