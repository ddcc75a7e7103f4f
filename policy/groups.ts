/** Groups in groups: who is in them in the end, and groups that hold themselves. */

export type Groups = Readonly<Record<string, readonly string[]>>;

/** Each group's people by its name, sorted, however deep they stand; of groups without circlesOf. */
export function peopleByGroup(groups: Groups): ReadonlyMap<string, readonly string[]> {
  const done = new Map<string, readonly string[]>();
  const names = new Set(Object.keys(groups));
  const fill = (group: string): readonly string[] => {
    const known = done.get(group);
    if (known !== undefined) return known;
    const members = groups[group] ?? [];
    const people = new Set(members.flatMap((member) => (names.has(member) ? fill(member) : [member])));
    const sorted = [...people].toSorted();
    done.set(group, sorted);
    return sorted;
  };
  for (const group of names) fill(group);
  return done;
}

/** The members by which a group comes to hold itself, each with the way round: `a → b → a`. */
export function circlesOf(
  groups: Groups,
): readonly { readonly group: string; readonly index: number; readonly way: readonly string[] }[] {
  const done = new Set<string>();
  const circles: { group: string; index: number; way: readonly string[] }[] = [];
  const visit = (group: string, way: readonly string[]) => {
    for (const [index, member] of (groups[group] ?? []).entries()) {
      if (!Object.hasOwn(groups, member) || done.has(member)) continue;
      const begins = way.indexOf(member);
      if (begins >= 0) circles.push({ group, index, way: [...way.slice(begins), member] });
      else visit(member, [...way, member]);
    }
    done.add(group);
  };
  for (const group of Object.keys(groups)) if (!done.has(group)) visit(group, [group]);
  return circles;
}
