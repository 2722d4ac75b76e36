package generate

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestPatronymic(t *testing.T) {
	t.Parallel()
	for father, want := range map[string][2]string{
		"Андрей": {"Андреевич", "Андреевна"}, "Илья": {"Ильич", "Ильинична"}, "Никита": {"Никитич", "Никитична"}, "Лев": {"Львович", "Львовна"},
		"Павел": {"Павлович", "Павловна"}, "Пётр": {"Петрович", "Петровна"}, "Михаил": {"Михайлович", "Михайловна"}, "Кузьма": {"Кузьмич", "Кузьминична"},
		"Юрий": {"Юрьевич", "Юрьевна"}, "Дмитрий": {"Дмитриевич", "Дмитриевна"}, "Георгий": {"Георгиевич", "Георгиевна"},
		"Евгений": {"Евгеньевич", "Евгеньевна"}, "Анатолий": {"Анатольевич", "Анатольевна"}, "Аркадий": {"Аркадьевич", "Аркадьевна"},
		"Игорь": {"Игоревич", "Игоревна"}, "Николай": {"Николаевич", "Николаевна"}, "Иван": {"Иванович", "Ивановна"}, "Кирилл": {"Кириллович", "Кирилловна"},
		"Януш": {"Янушевич", "Янушевна"}, "Фома": {"Фомич", "Фоминична"}, "Фёдор": {"Фёдорович", "Фёдоровна"}, "Даниил": {"Даниилович", "Данииловна"},
	} {
		if got := [2]string{Patronymic(father, false), Patronymic(father, true)}; got != want {
			t.Errorf("%s: %v, not %v", father, got, want)
		}
	}
}

func TestSurname(t *testing.T) {
	t.Parallel()
	for man, woman := range map[string]string{
		"Иванов": "Иванова", "Алексеев": "Алексеева", "Соловьёв": "Соловьёва", "Никитин": "Никитина", "Птицын": "Птицына", "Чайковский": "Чайковская",
		"Кравец": "Кравец", "Белый": "Белая", "Толстой": "Толстая", "Тихий": "Тихая", "Рыжий": "Рыжая", "Верхний": "Верхняя", "Шевченко": "Шевченко",
		"Черных": "Черных", "Коваль": "Коваль", "Мельник": "Мельник", "Левицкий": "Левицкая",
	} {
		if got := Surname(man, true); got != woman {
			t.Errorf("%s: %s, not %s", man, got, woman)
		}
		if got := Surname(man, false); got != man {
			t.Errorf("%s: a man is %s", man, got)
		}
	}
}

// All parts of a name are of one gender, as far as their endings show it.
func TestNamesAgree(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		female := rapid.Bool().Draw(t, "female")
		n := newDraws(rapid.Uint64().Draw(t, "seed")).name(female)
		endings, others := []string{"ич"}, []string{"ова", "ева", "ёва", "ина", "ына", "ая", "яя"}
		if female {
			endings, others = []string{"на"}, []string{"ов", "ев", "ёв", "ин", "ын", "ский", "цкий", "ый"}
		}
		if !hasSuffix(n.Middle, endings) || hasSuffix(n.Last, others) {
			t.Errorf("female %t: %+v", female, n)
		}
	})
}

func hasSuffix(s string, list []string) bool {
	for _, suffix := range list {
		if strings.HasSuffix(s, suffix) {
			return true
		}
	}
	return false
}
