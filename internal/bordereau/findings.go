package bordereau

func (b *rulebook) check(given any) {}
