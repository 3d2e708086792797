/** Operate: what the commands of a simulated agent do. */
import type { Operate } from '../../../../shared/usp/gen/usp-msg_pb.ts'
import type { DataModel, Place } from '../data-model.ts'
import { CODE, faultOf, UspFault } from '../fault.ts'
import { readPath, resolve } from '../resolve.ts'
import type { CommandType } from '../schema.ts'
import { checkValue } from '../values.ts'
import type { Init } from './init.ts'

type Result = NonNullable<Init<'operateResp'>['operationResults']>[number]

/** One command on one object, asked for by a controller. */
export interface Call {
  readonly place: Place
  readonly command: CommandType
  readonly commandKey: string
  readonly inputs: Readonly<Record<string, string>>
  readonly originator: string
}

/** What commands ask of the agent they run in. */
export interface Machine {
  restart(cause: 'RemoteReboot' | 'RemoteFactoryReset', commandKey: string): void
  reconnect(): void
  sendOnBoardRequest(controller: Place): void
  /** Ends a running asynchronous command with 7023. */
  cancel(request: Place): void
  /** Runs an asynchronous command for so long; answers the path of its Request row, without the dot at its end. */
  start(call: Call, ms: number): string
}

/** How long an asynchronous command takes that nothing else says about. */
const TYPICAL_MS = 50

type Behaviour = (call: Call, machine: Machine) => void | { readonly ms: number }

/** By path in the supported model. A command that is not here answers what the description says. */
const behaviours: Readonly<Record<string, Behaviour>> = {
  'Device.Reboot()': ({ commandKey }, machine) => machine.restart('RemoteReboot', commandKey),
  'Device.FactoryReset()': ({ commandKey }, machine) => machine.restart('RemoteFactoryReset', commandKey),
  'Device.MQTT.Client.{i}.ForceReconnect()': (_call, machine) => machine.reconnect(),
  'Device.LocalAgent.Controller.{i}.SendOnBoardRequest()': ({ place }, machine) =>
    machine.sendOnBoardRequest(place),
  'Device.LocalAgent.Request.{i}.Cancel()': ({ place }, machine) => machine.cancel(place),
  'Device.ScheduleTimer()': ({ inputs }) => ({
    ms: Number(checkValue(inputs['DelaySeconds'] ?? '', 'unsignedInt', undefined)) * 1000,
  }),
}

/** Throws 7026 or 7016 when the command is not there; what fails in one object is its result (R-OPR.1). */
export function operate(
  model: DataModel,
  { command: text, commandKey, inputArgs: inputs }: Operate,
  originator: string,
  machine: Machine,
): Init<'operateResp'> {
  const path = readPath(text)
  if (path.kind !== 'command') throw new UspFault(CODE.invalidPath, `${text} is no command`)
  const operationResults = resolve(model, path).map((place): Result => {
    const command = place.isTable ? undefined : place.type.commands.get(path.leaf)
    if (!command) throw new UspFault(CODE.invalidPath, `${text} is no command of a table`)
    const executedCommand = place.path + command.name
    let operationResp: NonNullable<Result['operationResp']> = { case: undefined }
    const fault = faultOf(() => {
      operationResp = run({ place, command, commandKey, inputs, originator }, machine)
    })
    if (!fault) return { executedCommand, operationResp }
    const value = { errCode: fault.code, errMsg: fault.message }
    return { executedCommand, operationResp: { case: 'cmdFailure', value } }
  })
  return { operationResults }
}

function run(call: Call, machine: Machine): NonNullable<Result['operationResp']> {
  const { command, place, inputs } = call
  const missing = command.inputs.find(({ name, isMandatory }) => isMandatory && inputs[name] === undefined)
  if (missing) throw new UspFault(CODE.invalidCommandArguments, `The argument ${missing.name} is missing`)
  const outcome = behaviours[place.type.path + command.name]?.(call, machine)
  if (command.isAsync) return { case: 'reqObjPath', value: machine.start(call, outcome?.ms ?? TYPICAL_MS) }
  return { case: 'reqOutputArgs', value: { outputArgs: Object.fromEntries(command.outputs) } }
}
