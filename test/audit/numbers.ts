/** Whether a JSON text holds a number anywhere. */
export function holdsNumber(text: string): boolean {
  let found = false;
  JSON.parse(text, (_key, value: unknown) => {
    found ||= typeof value === 'number';
    return value;
  });
  return found;
}
