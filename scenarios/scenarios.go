// Package scenarios holds the stories that come with Poligon, one YAML file each.
package scenarios

import "embed"

// Files are the embedded scenario files.
//
//go:embed *.yaml
var Files embed.FS
