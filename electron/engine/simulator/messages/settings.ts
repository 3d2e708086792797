/** Writing the parameters of one row, for Set and Add. */
import type { DataModel, Place } from '../data-model.ts'
import { CODE, faultOf, UspFault, type ParamFault } from '../fault.ts'
import type { ParameterType } from '../schema.ts'

interface Setting {
  readonly param: string
  readonly value: string
  readonly required: boolean
}

export interface Written {
  readonly written: readonly string[]
  /** Of parameters that were required, by their name. */
  readonly required: readonly ParamFault[]
  readonly optional: readonly ParamFault[]
}

/** `create`: keys count as required, and what is written once may be written. Faults are answered, not thrown. */
export function writeSettings(
  model: DataModel,
  place: Place,
  settings: readonly Setting[],
  mode: 'change' | 'create',
): Written {
  const written: string[] = []
  const required: ParamFault[] = []
  const optional: ParamFault[] = []
  const keys = place.type.keys.flat()
  for (const setting of settings) {
    const { param } = setting
    const fault = faultOf(() => model.attempt(() => writeOne(model, place, setting, mode)))
    if (!fault) {
      written.push(param)
      continue
    }
    const isRequired = setting.required || (mode === 'create' && keys.includes(param))
    const list = isRequired ? required : optional
    list.push({ param, code: fault.code, text: fault.message })
    // What follows would be undone (R-SET.2b).
    if (isRequired) break
  }
  return { written, required, optional }
}

function writeOne(
  model: DataModel,
  place: Place,
  { param, value }: Setting,
  mode: 'change' | 'create',
): void {
  const parameter = place.isTable ? undefined : place.type.parameters.get(param)
  if (!parameter) throw new UspFault(CODE.unsupportedParameter, `${place.path}${param} is not supported`)
  if (parameter.access === 'ro') throw new UspFault(CODE.notWriteable, `${place.path}${param} is read-only`)
  if (param === 'Alias' && !/^[A-Za-z]/.test(value)) {
    throw new UspFault(CODE.invalidValue, `${place.path}Alias must begin with a letter (TR-106, Alias)`)
  }
  const before = model.value(place, parameter)
  model.write(place, parameter, value)
  const isChanged = model.value(place, parameter) !== before
  if (isChanged && parameter.isOnce && mode === 'change' && before !== '') {
    throw new UspFault(CODE.invalidArguments, `${place.path}${param} must not be changed once it has a value`)
  }
  if (isChanged) checkKeys(model, place, parameter)
}

/** Throws 7025 when another row has the same unique key. An empty key is none yet. */
export function checkKeys(model: DataModel, place: Place, changed?: ParameterType): void {
  const keys = place.type.keys.filter((key) => changed === undefined || key.includes(changed.name))
  const wanted = keys.map((key) => ({ key, own: key.map((name) => model.text(place, name)) }))
  const filled = wanted.filter(({ own }) => !own.includes(''))
  if (filled.length === 0) return
  const table = { type: place.type, path: place.path.replace(/\d+\.$/, ''), isTable: true }
  for (const other of model.below(table)) {
    if (other.path === place.path) continue
    for (const { key, own } of filled) {
      if (key.every((name, at) => model.text(other, name) === own[at])) {
        throw new UspFault(CODE.duplicateKey, `${other.path} has the same ${key.join(' and ')}`)
      }
    }
  }
}
