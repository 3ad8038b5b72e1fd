/** The bands of all panels that set none: on or off. */

import { FIRST_SETTINGS } from "@/data/view/settings";
import { IconButton } from "@/ui/controls/icon-button";
import { useSetView, useView } from "../../view/view-store";

export function BandsSwitch() {
  const isOn = useView(({ settings }) => (settings.band ?? FIRST_SETTINGS.band) !== "none");
  const setView = useSetView();
  const toggle = () =>
    setView(({ settings: { band: _, ...others } }) => ({
      settings: isOn ? { ...others, band: "none" } : others,
    }));
  return <IconButton icon="band" label="Bands" className="bands" isOn={isOn} onClick={toggle} />;
}
