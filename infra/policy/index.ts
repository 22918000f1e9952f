import { PolicyPack } from "@pulumi/policy";
import { policies } from "./policies.ts";

new PolicyPack("millimetric", { policies, enforcementLevel: "mandatory" });
