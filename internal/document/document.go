// Package document makes the papers of an ОСАГО policy, its draft and the policy itself: one page of A4 as PDF, in Russian, marked
// as a sample all over. It is a pure function: the same paper gives the same bytes.
package document

import (
	"bytes"
	"time"

	"codeberg.org/go-pdf/fpdf"
	"github.com/go-fonts/liberation/liberationsansregular"
)

// Paper is what a paper says. What is empty is shown as a dash.
type Paper struct {
	Draft     bool   // a draft has no number
	Insurer   string // the company
	Series    string
	Number    string
	From      time.Time // the beginning of the insurance, in the zone in which it was asked for
	Holder    Person
	Owner     Person
	Vehicle   Vehicle
	Unlimited bool // whether anybody may drive
	Drivers   []Driver
	Factors   []Factor // what the premium is multiplied from
	Premium   string   // roubles, as 7072.5
	Made      time.Time
	Reference string // what a client finds the calculation by
}

// Person is one whom the paper names.
type Person struct {
	Name string
	Born time.Time
}

// Vehicle is what is insured.
type Vehicle struct {
	Brand, Model string
	Plate        string
	VIN          string // or what the vehicle has instead
	Category     string // A to E
	Year         int
	Power        string // hp
}

// Driver is one of those who may drive.
type Driver struct {
	Person
	Licence string    // series and number
	Since   time.Time // of driving
	Class   string    // the bonus-malus coefficient
}

// Factor is a coefficient under its Russian name.
type Factor struct{ Name, Value string }

// until is the last day of the insurance, which lasts a year.
func (p Paper) until() time.Time { return p.From.AddDate(1, 0, -1) }

// PDF is the paper as a file.
func (p Paper) PDF() ([]byte, error) {
	made := fpdf.New("P", "mm", "A4", "")
	made.SetCatalogSort(true) // or the order of the objects were a map's
	made.SetCreationDate(p.Made.UTC())
	made.SetModificationDate(p.Made.UTC())
	made.SetProducer("Poligon", true)
	made.SetTitle(p.title()+" — образец", true)
	made.SetLang("ru-RU")
	made.SetAutoPageBreak(false, 0)
	made.AddUTF8FontFromBytes(face, "", liberationsansregular.TTF)
	made.AddPage()
	s := &sheet{made}
	s.draw(p)
	s.stamp()
	var b bytes.Buffer
	err := made.Output(&b)
	return b.Bytes(), err
}

func (p Paper) title() string {
	if p.Draft {
		return "ПРОЕКТ СТРАХОВОГО ПОЛИСА ОСАГО"
	}
	return "СТРАХОВОЙ ПОЛИС ОСАГО"
}
