# ./build.ps1 Demo | Test [-Fast | -Filter NAME] | Bench [NAME...] | Clean | Build | Package
#Requires -Version 7.6
param(
    [Parameter(Position = 0)]
    [ValidateSet('Demo', 'Test', 'Bench', 'Clean', 'Build', 'Package')]
    [string] $Task = 'Build',
    [switch] $Fast,
    [string] $Filter,
    [Parameter(ValueFromRemainingArguments)]
    [string[]] $Name = @()
)
$ErrorActionPreference = 'Stop'
Push-Location $PSScriptRoot
try {
    $arguments = @(if ($Task -eq 'Test') { '-t:Test'; if ($Fast) { '-p:Fast=true' } elseif ($Filter) { "-p:Filter=$Filter" } })
    dotnet msbuild build.proj -m:2 -nr:false -nologo -v:m -tl:off @arguments
    $status = $LASTEXITCODE
    if ($Task -eq 'Test') { Get-Content TestResults/summary.txt }
    if ($status -ne 0) { exit $status }
    if ($Task -in 'Demo', 'Clean') { & "./tests/Demo/$($Task.ToLowerInvariant()).ps1" }
    if ($Task -eq 'Package') { ./packaging/package.ps1 }
    if ($Task -eq 'Bench') { & ./tests/Bench/bench.ps1 @Name }
}
finally { Pop-Location }
