import { accessPolicies } from "./access.ts";
import { computePolicies } from "./compute.ts";
import { networkPolicies } from "./network.ts";
import { storagePolicies } from "./storage.ts";

/** Every rule of the pack. Apart from index.ts, because making a pack starts its server. */
export const policies = [...storagePolicies, ...networkPolicies, ...computePolicies, ...accessPolicies];
