export type SubnetKind = "public" | "private";

/**
 * The CIDR block of one subnet of a /16: sixteen /20 blocks, private ones from the bottom, public ones from the top half,
 * so that adding a zone never moves an existing subnet.
 */
export function subnetCidr(vpcCidr: string, kind: SubnetKind, zoneIndex: number): string {
  const [first, second] = vpcCidr.split(".");
  const third = zoneIndex * 16 + (kind === "public" ? 128 : 0);
  if (third > (kind === "public" ? 240 : 112)) throw new Error(`A /16 has room for 8 zones, not for ${zoneIndex + 1}.`);
  return `${first}.${second}.${third}.0/20`;
}
