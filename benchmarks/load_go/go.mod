module load-go

go 1.19
