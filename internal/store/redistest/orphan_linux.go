package redistest

import "syscall"

// orphaned has a server end with the test's process, however that ends.
func orphaned() *syscall.SysProcAttr { return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }
