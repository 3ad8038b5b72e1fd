/** Takes the place of the settings of panels in a static file, which changes nothing. */
export default function AbsentSettings(): null {
  return null;
}
