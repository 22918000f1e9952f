import { PolicyPack } from "@pulumi/policy";
import { policies } from "./policies.ts";

// JavaScript, because Pulumi would compile TypeScript by its own means; what it imports Node runs as it is.
new PolicyPack("millimetric", { policies, enforcementLevel: "mandatory" });
