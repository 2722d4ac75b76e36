package picture

// Width is the estimate that an image is laid out by.
func Width(text string, size int, bold bool) int { return width(text, size, bold) }
