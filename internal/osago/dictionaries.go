package osago

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"

	openapi_types "github.com/oapi-codegen/runtime/types"
	"github.com/shopspring/decimal"

	"poligon/internal/osago/internal/wire"
	"poligon/internal/vehicles"
)

// The dictionaries and the vehicles (contract facts A12). They are the same in every session and at all times: they decide nothing, so
// that these requests take their turn when they have been answered, as refusals do.

// badParameter refuses a parameter of the query.
func badParameter(name, message, reason string) *refusal {
	return &refusal{status: http.StatusBadRequest, message: messageBadRequest, reason: reason, properties: []wire.ErrorDetail{{Property: name, Message: message}}}
}

// nothing refuses a request that finds nothing, which is what the documented 404 stands for (contract facts A14).
func nothing(message, reason string, args ...any) *refusal {
	return &refusal{status: http.StatusNotFound, message: message, reason: fmt.Sprintf(reason, args...)}
}

const (
	noBrand   = "Марка не найдена."
	noModel   = "Модель не найдена."
	noYear    = "Год выпуска не найден."
	noPower   = "Мощность двигателя не найдена."
	noVehicle = "Транспортное средство не найдено."
)

// readCategories checks the categories that are asked for; none is all of them.
func readCategories(given ...wire.VehicleCategory) (list []string, refused *refusal) {
	for _, c := range given {
		if !c.Valid() {
			return nil, badParameter("category", messageBadValue, fmt.Sprintf("the category %.20q is none of A, B, C, D, E; for several where they are allowed, repeat the parameter", string(c)))
		}
		list = append(list, string(c))
	}
	return list, nil
}

// optional is a parameter that may be left out, as a list.
func optional[T any](given *T) []T {
	if given == nil {
		return nil
	}
	return []T{*given}
}

// findBrand is the brand of an id, among those that have a model of the categories.
func findBrand(d *vehicles.Dictionary, id string, categories []string) (*vehicles.Brand, *refusal) {
	const list = "GET /dictionaries/brands lists them"
	if id == "" {
		return nil, badParameter("brand_id", messageRequired, "brand_id is empty; "+list)
	}
	b := d.Brand(id)
	if b == nil {
		for _, known := range d.Brands {
			if strings.EqualFold(id, known.Name) || strings.EqualFold(id, known.NameRu) {
				return nil, nothing(noBrand, "a brand_id is no name: that of %s is %s", known.Name, known.ID)
			}
		}
		return nil, nothing(noBrand, "there is no brand_id %.40q; there are %s to %s: %s", id, d.Brands[0].ID, d.Brands[len(d.Brands)-1].ID, list)
	}
	if len(b.Of(categories...)) == 0 {
		return nil, nothing(noModel, "%s (brand_id %s) has no model of category %s, only of %s", b.Name, id, strings.Join(categories, ", "), strings.Join(b.Categories(), ", "))
	}
	return b, nil
}

// findModel is the model of an id, if it is of one of the categories.
func findModel(d *vehicles.Dictionary, id string, categories []string) (*vehicles.Model, *refusal) {
	const list = "GET /dictionaries/models?brand_id=... lists those of a brand"
	if id == "" {
		return nil, badParameter("model_id", messageRequired, "model_id is empty; "+list)
	}
	m := d.Model(id)
	if m == nil {
		for _, b := range d.Brands {
			for _, known := range b.Models {
				if strings.EqualFold(id, known.Name) || strings.EqualFold(id, known.NameRu) || strings.EqualFold(id, known.String()) {
					return nil, nothing(noModel, "a model_id is no name: that of %s is %s", known, known.ID)
				}
			}
		}
		return nil, nothing(noModel, "there is no model_id %.40q; %s", id, list)
	}
	if !m.Is(categories...) {
		return nil, nothing(noModel, "%s (model_id %s) is of category %s, not %s", m, id, strings.Join(m.Categories, ", "), strings.Join(categories, ", "))
	}
	return m, nil
}

// findPowers are the engine powers of a model in a year, in hp.
func findPowers(m *vehicles.Model, year int) ([]int, *refusal) {
	powers := m.Powers(year)
	if len(powers) == 0 {
		years := m.Years()
		return nil, nothing(noYear, "%s (model_id %s) was not made in %d, but in %s; the nearest year is %d", m, m.ID, year, spans(years), nearest(years, float64(year)))
	}
	return powers, nil
}

// findPower is a power as it was asked for among those of a model in a year.
func findPower(m *vehicles.Model, year int, text string) (int, *refusal) {
	wanted, ok := readAmount(text)
	if !ok {
		return 0, badParameter("power", messageBadValue, fmt.Sprintf("the power %.40q is no number of horse power such as 150", text))
	}
	powers, refused := findPowers(m, year)
	if refused != nil {
		return 0, refused
	}
	if i := slices.IndexFunc(powers, func(p int) bool { return wanted.Equal(decimal.NewFromInt(int64(p))) }); i >= 0 {
		return powers[i], nil
	}
	return 0, nothing(noPower, "%s (model_id %s) of %d has no engine of %s hp, but of %s; the nearest is %d", m, m.ID, year, text, join(powers), nearest(powers, wanted.InexactFloat64()))
}

// spans are ascending years as "2004-2010, 2015-2026".
func spans(years []int) string {
	var parts []string
	for from, to := 0, 1; from < len(years); from, to = to, to+1 {
		for to < len(years) && years[to] == years[to-1]+1 {
			to++
		}
		part := strconv.Itoa(years[from])
		if to > from+1 {
			part += "-" + strconv.Itoa(years[to-1])
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, ", ")
}

func join(numbers []int) string {
	texts := make([]string, len(numbers))
	for i, n := range numbers {
		texts[i] = strconv.Itoa(n)
	}
	return strings.Join(texts, ", ")
}

func nearest(numbers []int, to float64) int {
	return slices.MinFunc(numbers, func(a, b int) int {
		return cmp.Compare(math.Abs(float64(a)-to), math.Abs(float64(b)-to))
	})
}

// ListBrands implements wire.StrictServerInterface.
func (h *handler) ListBrands(_ context.Context, req wire.ListBrandsRequestObject) (wire.ListBrandsResponseObject, error) {
	d, err := h.api.vehicles()
	if err != nil {
		return nil, err
	}
	categories, refused := readCategories(optional(req.Params.Category)...)
	if refused != nil {
		return *refused, nil
	}
	list := wire.ListBrands200JSONResponse{Brands: []wire.BrandInfo{}}
	for _, b := range d.Of(categories...) {
		list.Brands = append(list.Brands, wireBrand(b))
	}
	return list, nil
}

func wireBrand(b *vehicles.Brand) wire.BrandInfo {
	return wire.BrandInfo{BrandID: &b.ID, Name: &b.Name, NameRu: &b.NameRu}
}

// ListModels implements wire.StrictServerInterface.
func (h *handler) ListModels(_ context.Context, req wire.ListModelsRequestObject) (wire.ListModelsResponseObject, error) {
	d, err := h.api.vehicles()
	if err != nil {
		return nil, err
	}
	categories, refused := readCategories(optional(req.Params.Category)...)
	if refused != nil {
		return *refused, nil
	}
	b, refused := findBrand(d, req.Params.BrandID, categories)
	if refused != nil {
		return *refused, nil
	}
	list := wire.ListModels200JSONResponse{BrandID: &b.ID, Models: []wire.VehicleModel{}}
	for _, m := range b.Of(categories...) {
		types := make([]wire.VehicleCategory, len(m.Categories))
		for i, c := range m.Categories {
			types[i] = wire.VehicleCategory(c)
		}
		list.Models = append(list.Models, wire.VehicleModel{ModelID: &m.ID, Name: &m.Name, NameRu: &m.NameRu, VehicleType: &types})
	}
	return list, nil
}

// ListYears implements wire.StrictServerInterface.
func (h *handler) ListYears(_ context.Context, req wire.ListYearsRequestObject) (wire.ListYearsResponseObject, error) {
	d, err := h.api.vehicles()
	if err != nil {
		return nil, err
	}
	categories, refused := readCategories(optional(req.Params.Category)...)
	if refused != nil {
		return *refused, nil
	}
	m, refused := findModel(d, req.Params.ModelID, categories)
	if refused != nil {
		return *refused, nil
	}
	return wire.ListYears200JSONResponse{BrandID: &m.Brand.ID, ModelID: m.ID, Years: m.Years()}, nil
}

// ListPowers implements wire.StrictServerInterface.
func (h *handler) ListPowers(_ context.Context, req wire.ListPowersRequestObject) (wire.ListPowersResponseObject, error) {
	d, err := h.api.vehicles()
	if err != nil {
		return nil, err
	}
	m, refused := findModel(d, req.Params.ModelID, nil)
	if refused != nil {
		return *refused, nil
	}
	powers, refused := findPowers(m, req.Params.Year)
	if refused != nil {
		return *refused, nil
	}
	return wire.ListPowers200JSONResponse{ModelID: &m.ID, Year: &req.Params.Year, Powers: wholes(powers)}, nil
}

// wholes are whole numbers as they stand on the wire.
func wholes(list []int) []json.Number {
	numbers := make([]json.Number, len(list))
	for i, n := range list {
		numbers[i] = json.Number(strconv.Itoa(n))
	}
	return numbers
}

// ListModifications implements wire.StrictServerInterface.
func (h *handler) ListModifications(_ context.Context, req wire.ListModificationsRequestObject) (wire.ListModificationsResponseObject, error) {
	d, err := h.api.vehicles()
	if err != nil {
		return nil, err
	}
	m, refused := findModel(d, req.Params.ModelID, nil)
	if refused != nil {
		return *refused, nil
	}
	power, refused := findPower(m, req.Params.Year, req.Params.Power.String())
	if refused != nil {
		return *refused, nil
	}
	list := wire.ListModifications200JSONResponse{Modifications: []wire.Modification{}}
	for _, one := range m.With(req.Params.Year, power) {
		list.Modifications = append(list.Modifications, wire.Modification{ID: &one.ID, Name: ptr(one.Name())})
	}
	return list, nil
}

// SyncAllDictionaries implements wire.StrictServerInterface.
func (h *handler) SyncAllDictionaries(_ context.Context, req wire.SyncAllDictionariesRequestObject) (wire.SyncAllDictionariesResponseObject, error) {
	d, err := h.api.vehicles()
	if err != nil {
		return nil, err
	}
	categories, refused := readCategories(value(req.Params.Category)...)
	if refused != nil {
		return *refused, nil
	}
	tree := wire.SyncAllDictionaries200JSONResponse{Brands: []wire.TreeBrand{}}
	for _, b := range d.Of(categories...) {
		var models []wire.TreeModel
		for _, m := range b.Of(categories...) {
			var years []wire.ModelYear
			for _, year := range m.Years() {
				years = append(years, wire.ModelYear{Year: &year, EnginePowers: ptr(wholes(m.Powers(year)))})
			}
			models = append(models, wire.TreeModel{ModelID: &m.ID, Name: &m.Name, NameRu: &m.NameRu, Years: &years})
		}
		tree.Brands = append(tree.Brands, wire.TreeBrand{BrandID: &b.ID, Name: &b.Name, NameRu: &b.NameRu, Models: &models})
	}
	return tree, nil
}

// FindVehicle implements wire.StrictServerInterface.
func (h *handler) FindVehicle(_ context.Context, req wire.FindVehicleRequestObject) (wire.FindVehicleResponseObject, error) {
	d, err := h.api.vehicles()
	if err != nil {
		return nil, err
	}
	number, vin := req.Params.CarNumber, req.Params.Vin
	if (number == nil) == (vin == nil) {
		message, reason := messageRequired, "send car_number or vin"
		if vin != nil {
			message, reason = messageBadValue, "send one of car_number and vin: both are given"
		}
		return refusal{status: http.StatusBadRequest, message: messageBadRequest, reason: reason,
			properties: []wire.ErrorDetail{{Property: "car_number", Message: message}, {Property: "vin", Message: message}}}, nil
	}
	name, find, text := "vin", d.ByVIN, value(vin)
	none := "a VIN that ends with 000000 is no vehicle's"
	if number != nil {
		name, find, text = "car_number", d.ByPlate, *number
		none = "no vehicle is registered in the region 00"
	}
	v, found, err := find(text)
	switch {
	case err != nil:
		return *badParameter(name, messageBadValue, fmt.Sprintf("%.40q is %v", text, err)), nil
	case !found:
		return *nothing(noVehicle, "%s; any other %s that is well formed finds one", none, name), nil
	}
	return wire.FindVehicle200JSONResponse(wireVehicle(v)), nil
}

func wireVehicle(v vehicles.Vehicle) wire.VehicleInfo {
	m := v.Model
	w := wire.VehicleInfo{Vin: &v.VIN, Category: ptr(wire.VehicleCategory(m.Categories[0])), Brand: wireBrand(m.Brand),
		Model:        wire.ModelInfo{ModelID: &m.ID, Name: &m.Name, NameRu: &m.NameRu},
		Modification: &wire.ModificationInfo{ModificationID: ptr(strconv.Itoa(v.Modification.ID)), Name: ptr(v.Modification.Name())},
		Year:         v.Year, EnginePower: json.Number(strconv.Itoa(v.Modification.Power)), CarDocuments: []wire.CarDocument{}}
	if v.Plate != "" {
		w.CarNumber = &v.Plate
	}
	for _, d := range v.Documents {
		paper := wire.CarDocument{Number: &d.Number, Date: &openapi_types.Date{Time: d.Date}, DocumentType: ptr(wire.CarDocumentDocumentType(d.Kind))}
		if d.Series != "" {
			paper.Series = &d.Series
		}
		w.CarDocuments = append(w.CarDocuments, paper)
	}
	return w
}

// VisitListBrandsResponse implements the generated interface.
func (f refusal) VisitListBrandsResponse(w http.ResponseWriter) error {
	f.write(w)
	return nil
}

// VisitListModelsResponse implements the generated interface.
func (f refusal) VisitListModelsResponse(w http.ResponseWriter) error {
	f.write(w)
	return nil
}

// VisitListYearsResponse implements the generated interface.
func (f refusal) VisitListYearsResponse(w http.ResponseWriter) error {
	f.write(w)
	return nil
}

// VisitListPowersResponse implements the generated interface.
func (f refusal) VisitListPowersResponse(w http.ResponseWriter) error {
	f.write(w)
	return nil
}

// VisitListModificationsResponse implements the generated interface.
func (f refusal) VisitListModificationsResponse(w http.ResponseWriter) error {
	f.write(w)
	return nil
}

// VisitSyncAllDictionariesResponse implements the generated interface.
func (f refusal) VisitSyncAllDictionariesResponse(w http.ResponseWriter) error {
	f.write(w)
	return nil
}

// VisitFindVehicleResponse implements the generated interface.
func (f refusal) VisitFindVehicleResponse(w http.ResponseWriter) error {
	f.write(w)
	return nil
}
