package bordereau

import (
	"encoding/hex"
	"encoding/json"

	"poligon/internal/bordereau/internal/wire"
)

// appendResponse appends a response as encoding/json writes it, with a line feed behind it.
func appendResponse(b []byte, r *wire.ImportResponse) []byte {
	b = append(b, `{"resultImport":[`...)
	for i := range r.ResultImport {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendResult(b, &r.ResultImport[i])
	}
	return append(b, "]}\n"...)
}

func appendResult(b []byte, r *wire.ImportResult) []byte {
	b = appendText(append(b, `{"flightNumber":`...), r.FlightNumber)
	b = appendText(append(b, `,"policyNumber":`...), r.PolicyNumber)
	if r.UUID != nil {
		b = append(b, `,"uuid":"`...)
		for i, part := range [...][]byte{r.UUID[:4], r.UUID[4:6], r.UUID[6:8], r.UUID[8:10], r.UUID[10:]} {
			if i > 0 {
				b = append(b, '-')
			}
			b = hex.AppendEncode(b, part)
		}
		b = append(b, '"')
	}
	if r.Errors != nil {
		b = append(b, `,"errors":[`...)
		for i, e := range *r.Errors {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendText(append(b, `{"code":`...), string(e.Code))
			b = append(appendText(append(b, `,"message":`...), e.Message), '}')
		}
		b = append(b, ']')
	}
	return append(b, '}')
}

// appendText appends a text as encoding/json writes it.
func appendText(b []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c >= 0x7f || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' {
			text, _ := json.Marshal(s) // of a text it always can
			return append(b, text...)
		}
	}
	b = append(b, '"')
	b = append(b, s...)
	return append(b, '"')
}
