/**
 * Pixels as a file that a browser reads without any work: BMP with an alpha channel.
 *
 * Format: https://learn.microsoft.com/windows/win32/api/wingdi/ns-wingdi-bitmapv4header
 */

const FILE_HEADER_BYTES = 14;
const HEADER_BYTES = 108;
const BITFIELDS = 3;
const SRGB = 0x73524742;

export function bitmapOf({ width, height, data }: ImageData): Blob {
  const header = new DataView(new ArrayBuffer(FILE_HEADER_BYTES + HEADER_BYTES));
  header.setUint16(0, 0x424d);
  header.setUint32(2, header.byteLength + data.length, true);
  header.setUint32(10, header.byteLength, true);
  header.setUint32(14, HEADER_BYTES, true);
  header.setInt32(18, width, true);
  // from the top to the bottom
  header.setInt32(22, -height, true);
  header.setUint16(26, 1, true);
  header.setUint16(28, 32, true);
  header.setUint32(30, BITFIELDS, true);
  header.setUint32(34, data.length, true);
  // red, green, blue, alpha, as in ImageData
  for (const [i, mask] of [0xff, 0xff00, 0xff0000, 0xff000000].entries())
    header.setUint32(54 + 4 * i, mask, true);
  header.setUint32(70, SRGB, true);
  return new Blob([header, data], { type: "image/bmp" });
}
