module poligon

go 1.26.8
