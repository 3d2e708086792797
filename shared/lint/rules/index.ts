/** Every rule of the linter, in the order of its certainty. */
import { type GroupedRule } from '../rule.ts'
import { answerHints, answerRules, orphanRules } from './answers.ts'
import { configuredRules, keptRules } from './configuration.ts'
import * as connections from './connections.ts'
import { errorCodeHints, errorCodeRules } from './error-codes.ts'
import * as mqtt from './mqtt.ts'
import { msgHints, msgRules } from './msg.ts'
import { pathHints, pathRules } from './paths.ts'
import { recordHints, recordRules } from './record.ts'
import { sessionRules } from './sessions.ts'
import { timedRules } from './timed.ts'

export const rules: readonly GroupedRule[] = [
  ...mqtt.malformedRules,
  ...mqtt.connectRules,
  ...mqtt.connackRules,
  ...mqtt.introducedRules,
  ...mqtt.publishRules,
  ...recordRules,
  ...msgRules,
  ...pathRules,
  ...errorCodeRules,
  ...connections.identifiedRules,
  ...connections.settledRules,
  ...connections.pingRules,
  ...configuredRules,
  ...connections.publishRules,
  ...connections.recordRules,
  ...answerRules,
  ...orphanRules,
  ...sessionRules,
  ...timedRules,
  ...keptRules,
  ...mqtt.mqttHints,
  ...connections.closingHints,
  ...recordHints,
  ...msgHints,
  ...pathHints,
  ...errorCodeHints,
  ...answerHints,
]

const byId: ReadonlyMap<string, GroupedRule> = new Map(rules.map((rule) => [rule.id, rule]))
export const findRule = (id: string): GroupedRule | undefined => byId.get(id)
