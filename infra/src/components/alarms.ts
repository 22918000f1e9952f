import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { AlarmRule } from "../alarms.ts";

export interface AlarmSubject {
  /** Short name of what is watched, for the alarm's name; absent when there is one such thing in a stack. */
  readonly label?: string;
  readonly dimensions: Readonly<Record<string, pulumi.Input<string>>>;
}

export interface AlarmsArgs {
  /** Where alarms are sent. */
  readonly topicArn: pulumi.Input<string>;
  readonly rules: readonly AlarmRule[];
  readonly subjects: readonly AlarmSubject[];
}

/** One alarm for each rule and each thing it watches. */
export class Alarms extends pulumi.ComponentResource {
  readonly #alarms: readonly { readonly rule: string; readonly name: pulumi.Output<string> }[];

  constructor(name: string, args: AlarmsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("millimetric:infra:Alarms", name, {}, opts);
    const { topicArn, rules, subjects } = args;
    this.#alarms = subjects.flatMap((subject) =>
      rules.map((rule) => ({ rule: rule.name, name: this.#create(rule, subject, topicArn).name })),
    );
    this.registerOutputs({});
  }

  /** CloudWatch's name of the (first) alarm of a rule. */
  nameOf(rule: string): pulumi.Output<string> {
    const alarm = this.#alarms.find((one) => one.rule === rule);
    if (alarm === undefined) throw new Error(`There is no alarm ${rule}.`);
    return alarm.name;
  }

  #create(rule: AlarmRule, subject: AlarmSubject, topicArn: pulumi.Input<string>): aws.cloudwatch.MetricAlarm {
    return new aws.cloudwatch.MetricAlarm(
      subject.label === undefined ? rule.name : `${rule.name}-${subject.label}`,
      {
        alarmDescription: `${rule.description} See docs/runbook.md, "${rule.name}".`,
        namespace: rule.namespace,
        metricName: rule.metric,
        dimensions: { ...subject.dimensions },
        ...(rule.statistic === "p99" ? { extendedStatistic: "p99" } : { statistic: rule.statistic }),
        period: rule.period,
        evaluationPeriods: rule.periods,
        comparisonOperator: rule.comparison === "above" ? "GreaterThanThreshold" : "LessThanThreshold",
        threshold: rule.threshold,
        treatMissingData: rule.missing,
        alarmActions: [topicArn],
        okActions: [topicArn],
      },
      { parent: this },
    );
  }
}
