# Writes one line for each promise of the module that is broken. Runs in the engine alone as well as in pwsh.
param([string] $Manifest = "$PSScriptRoot/../../../KubeLab.psd1")
$ErrorActionPreference = 'Stop'

Import-Module $Manifest *>&1 | ForEach-Object { "Import-Module says: $_" }
$module = Get-Module KubeLab
$commands = Get-Command -Module KubeLab -CommandType Cmdlet
$exported = @($commands | ForEach-Object Name)
$declared = @((Test-ModuleManifest $Manifest).ExportedCmdlets.Keys)
$classes = @($commands[0].ImplementingType.Assembly.GetExportedTypes() | ForEach-Object {
    $cmdlet = [Reflection.CustomAttributeExtensions]::GetCustomAttribute($_, [Management.Automation.CmdletAttribute])
    if ($cmdlet) { "$($cmdlet.VerbName)-$($cmdlet.NounName)" }
})
$declared | Where-Object { $_ -notin $classes } | ForEach-Object { "$_ is exported and there is no such cmdlet" }
$classes | Where-Object { $_ -notin $exported } | ForEach-Object { "$_ is a cmdlet and not exported" }
if (-not (Get-Command Expose-KlService -ErrorAction Ignore)) { 'Expose-KlService is no alias' }

$views = @(([xml] [IO.File]::ReadAllText("$($module.ModuleBase)/Module/KubeLab.Format.ps1xml")).SelectNodes('//ViewSelectedBy/TypeName') | ForEach-Object InnerText)
$reading = 'Get', 'Find', 'Test', 'Measure', 'Wait', 'Watch', 'Compare', 'Connect', 'Enter'
foreach ($command in $commands) {
    $name = $command.Name
    if (-not $command.OutputType -and $command.Verb -ne 'Remove') { "$name has no OutputType" }
    $command.OutputType | Where-Object { $_.Name -like 'KubeLab.*' -and $_.Name -notin $views } | ForEach-Object { "$name gives $($_.Name), which has no view" }
    # What a list expression of C# makes for an interface cannot be indexed from PowerShell; an array can.
    $command.OutputType | Where-Object { $_.Type.Namespace -like 'KubeLab.*' } | ForEach-Object { $_.Type.GetProperties() } |
        Where-Object { $_.PropertyType.Name -like 'I*List`1' -or $_.PropertyType.Name -like 'I*Collection`1' -or $_.PropertyType.Name -eq 'IEnumerable`1' } |
        ForEach-Object { "$name gives $($_.DeclaringType.Name).$($_.Name), a list that cannot be indexed: make it an array" }
    if ($command.Verb -notin $reading -and -not $command.Parameters.ContainsKey('WhatIf')) { "$name has no -WhatIf" }
    # Whatever a cluster can list completes.
    $new = $name -in 'New-KlDeployment', 'New-KlNamespace', 'New-KlConfigMap', 'New-KlSecret'
    if ($command.ImplementingType.Namespace -like '*.Workloads') {
        $command.Parameters.Values | Where-Object { $_.Name -in 'Namespace', 'Cluster', 'Kind', 'Container', 'ToPod', 'FromPod' -or $_.Name -eq 'Name' -and -not $new } |
            Where-Object { -not ($_.Attributes | Where-Object { $_ -is [Management.Automation.ArgumentCompleterAttribute] -or $_ -is [Management.Automation.ValidateSetAttribute] }) } |
            ForEach-Object { "$name -$($_.Name) completes nothing" }
    }
    $help = Get-Help $name
    if (-not $help.details.description.Text) { "$name has no synopsis" }
    if (-not $help.examples.example.code) { "$name has no example" }
    $help.examples.example | ForEach-Object {
        $wrong = $null
        [void] [Management.Automation.Language.Parser]::ParseInput($_.code, [ref] $null, [ref] $wrong)
        if ($wrong) { "$name has an example that cannot be typed: $($_.code): $wrong" }
    }
    $help.parameters.parameter | Where-Object { $_ -and -not $_.description.Text } | ForEach-Object { "$name -$($_.name) has no description" }
    if ($command.Noun -cnotlike 'Kl[A-Z]*') { "$name has a noun of another house" }
}

# A file keeps every property of an object, also one that a user added, and gains none. Every property is shown, text through its printable twin, except what the
# API server sent in full and, where all objects are of one kind, the kind and what a watch saw.
function Differences([string[]] $Expected, [string[]] $Actual) { $names = [Collections.Generic.HashSet[string]]::new($Expected); $names.SymmetricExceptWith($Actual); $names }
foreach ($record in [Collections.Generic.HashSet[type]]::new([type[]] @($commands.OutputType.Type | Where-Object Namespace -like 'KubeLab.*'))) {
    $one = [psobject] [Runtime.CompilerServices.RuntimeHelpers]::GetUninitializedObject($record)
    $one.PSObject.Properties.Add([psnoteproperty]::new('Added', 1))
    $copy = [Management.Automation.PSSerializer]::Deserialize([Management.Automation.PSSerializer]::Serialize($one))
    $again = [Management.Automation.PSSerializer]::Deserialize([Management.Automation.PSSerializer]::Serialize($copy))
    $properties = $record.GetProperties()
    $readable = @(foreach ($property in $properties) { try { [void] $property.GetValue($one); $property.Name } catch { } }) + 'Added'
    $silent = 'Object', 'Json' + $(if ($record.GetProperty('Kind').CanWrite -eq $false) { 'Kind', 'Change' })
    $shown = $properties | Where-Object Name -notin $silent | ForEach-Object { $_.Name + $(if (-not $_.PropertyType.IsValueType) { [char] 0x200C }) }
    foreach ($read in $copy, $again) { Differences $readable $read.PSObject.Properties.Name | ForEach-Object { "a copy of $($record.Name) differs in $_" } }
    foreach ($read in $one, $copy) {
        Differences $shown $read.PSStandardMembers.DefaultDisplayPropertySet.ReferencedPropertyNames | ForEach-Object { "what is shown of $($read.PSTypeNames[0]) differs in $_" }
        $shown | Where-Object { -not $read.PSObject.Members[$_] } | ForEach-Object { "$($read.PSTypeNames[0]) has no $_" }
    }
}

# What the documents and the help's examples tell people to type: each command there is, each parameter it has.
$root = [IO.Path]::GetDirectoryName([IO.Path]::GetFullPath($Manifest))
$documents = @([IO.Directory]::GetFiles($root, '*.md')) + [IO.Directory]::GetFiles("$root/docs", '*.md') + [IO.Directory]::GetFiles("$root/examples", '*.ps1', 'AllDirectories')
$told = @(foreach ($document in $documents) {
    $text = [IO.File]::ReadAllText($document)
    if ($document -like '*.ps1') { , @($document, $text) }
    else { [regex]::Matches($text, '(?s)```powershell\n(.*?)```|(?<!`)`([^`\n]+-Kl[^`\n]*)`') | ForEach-Object { , @($document, ($_.Groups[1].Value + $_.Groups[2].Value.Replace('\|', '|'))) } }
})
$told += @(foreach ($command in $commands) { (Get-Help $command.Name).examples.example | ForEach-Object { , @("help of $($command.Name)", [string] $_.code) } })
foreach ($one in $told) {
    $source, $text = $one
    $uses = [Management.Automation.Language.Parser]::ParseInput($text, [ref] $null, [ref] $null).FindAll({ $args[0] -is [Management.Automation.Language.CommandAst] }, $true)
    foreach ($use in $uses | Where-Object { $_.GetCommandName() -cmatch '^[A-Z]\w+-Kl[A-Z]\w*$' }) {
        $command = Get-Command $use.GetCommandName() -Module KubeLab -ErrorAction Ignore
        if ($command.ResolvedCommand) { $command = $command.ResolvedCommand }
        if (-not $command) { "$source tells of $($use.GetCommandName()), which there is not"; continue }
        $use.CommandElements | Where-Object { $_ -is [Management.Automation.Language.CommandParameterAst] } | ForEach-Object {
            $parameter = $_.ParameterName
            try { [void] $command.ResolveParameter($parameter) } catch { "${source}: $($command.Name) has no -$parameter" }
        }
    }
}
