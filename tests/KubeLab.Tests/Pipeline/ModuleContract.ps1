# Writes one line for each violation of the module contract.
param([string] $Manifest = "$PSScriptRoot/../../../KubeLab.psd1")
$ErrorActionPreference = 'Stop'

Import-Module $Manifest *>&1 | ForEach-Object { "Import-Module wrote: $_" }
$module = Get-Module KubeLab
$commands = Get-Command -Module KubeLab -CommandType Cmdlet
$exported = @($commands | ForEach-Object Name)
$declared = @((Test-ModuleManifest $Manifest).ExportedCmdlets.Keys)
$classes = @($commands[0].ImplementingType.Assembly.GetExportedTypes() | ForEach-Object {
    $cmdlet = [Reflection.CustomAttributeExtensions]::GetCustomAttribute($_, [Management.Automation.CmdletAttribute])
    if ($cmdlet) { "$($cmdlet.VerbName)-$($cmdlet.NounName)" }
})
$declared | Where-Object { $_ -notin $classes } | ForEach-Object { "$_ is exported but does not exist" }
$classes | Where-Object { $_ -notin $exported } | ForEach-Object { "$_ is not exported" }
if (-not (Get-Command Expose-KlService -ErrorAction Ignore)) { 'The alias Expose-KlService does not exist' }

$format = [xml] [IO.File]::ReadAllText("$($module.ModuleBase)/Module/KubeLab.Format.ps1xml")
$views = @($format.SelectNodes('//ViewSelectedBy/TypeName') | ForEach-Object InnerText)
$reading = 'Get', 'Find', 'Test', 'Measure', 'Wait', 'Watch', 'Compare', 'Connect', 'Enter'
$examples = @{}
foreach ($command in $commands) {
    $name = $command.Name
    if (-not $command.OutputType -and $command.Verb -ne 'Remove') { "$name has no OutputType" }
    $command.OutputType | Where-Object { $_.Name -like 'KubeLab*' -and $_.Name -notin $views } |
        ForEach-Object { "$name returns $($_.Name), which has no view" }
    # PowerShell cannot index the lists that C# collection expressions create for interfaces.
    $command.OutputType | Where-Object { $_.Type.Namespace -like 'KubeLab*' } | ForEach-Object { $_.Type.GetProperties() } |
        Where-Object { $_.PropertyType.Name -like 'I*List`1' -or $_.PropertyType.Name -like 'I*Collection`1' -or $_.PropertyType.Name -eq 'IEnumerable`1' } |
        ForEach-Object { "$name returns $($_.DeclaringType.Name).$($_.Name), which cannot be indexed: use an array" }
    if ($command.Verb -notin $reading -and -not $command.Parameters.ContainsKey('WhatIf')) { "$name has no -WhatIf" }
    # Names that a cluster can list must have tab completion.
    $new = $name -in 'New-KlDeployment', 'New-KlNamespace', 'New-KlConfigMap', 'New-KlSecret'
    if ($command.ImplementingType.Namespace -match '\.(Deployments|Pods|Nodes|Resources|Manifests)$') {
        $command.Parameters.Values |
            Where-Object { $_.Name -in 'Namespace', 'Cluster', 'Kind', 'Container', 'ToPod', 'FromPod' -or $_.Name -eq 'Name' -and -not $new } |
            Where-Object { -not ($_.Attributes | Where-Object {
                $_ -is [Management.Automation.ArgumentCompleterAttribute] -or $_ -is [Management.Automation.ValidateSetAttribute] }) } |
            ForEach-Object { "$name -$($_.Name) has no tab completion" }
    }
    $help = Get-Help $name
    if (-not $help.details.description.Text) { "$name has no synopsis" }
    if (-not $help.examples.example.code) { "$name has no example" }
    $examples[$name] = $help.examples.example
    $help.examples.example | ForEach-Object {
        $wrong = $null
        [void] [Management.Automation.Language.Parser]::ParseInput($_.code, [ref] $null, [ref] $wrong)
        if ($wrong) { "$name has an example with a syntax error: $($_.code): $wrong" }
    }
    $help.parameters.parameter | Where-Object { $_ -and -not $_.description.Text } | ForEach-Object { "$name -$($_.name) has no description" }
    if ($command.Noun -cnotlike 'Kl[A-Z]*') { "$name has a noun without the prefix Kl" }
}

# Serialization keeps every property of an object and every added member, and adds none. Every property is shown, strings as printable copies, except, for
# records of a single kind, the kind and the change of a watch.
function Differences([string[]] $Expected, [string[]] $Actual) {
    $names = [Collections.Generic.HashSet[string]]::new($Expected)
    $names.SymmetricExceptWith($Actual)
    $names
}
foreach ($record in [Collections.Generic.HashSet[type]]::new([type[]] @($commands.OutputType.Type | Where-Object Namespace -like 'KubeLab*'))) {
    $one = [psobject] [Runtime.CompilerServices.RuntimeHelpers]::GetUninitializedObject($record)
    $one.PSObject.Properties.Add([psnoteproperty]::new('Added', 1))
    $copy = [Management.Automation.PSSerializer]::Deserialize([Management.Automation.PSSerializer]::Serialize($one))
    $again = [Management.Automation.PSSerializer]::Deserialize([Management.Automation.PSSerializer]::Serialize($copy))
    $properties = $record.GetProperties()
    $readable = @(foreach ($property in $properties) { try { [void] $property.GetValue($one); $property.Name } catch { } }) + 'Added'
    $hidden = @(if ($record.GetProperty('Kind').CanWrite -eq $false) { 'Kind', 'Change' })
    $shown = $properties | Where-Object Name -notin $hidden | ForEach-Object { $_.Name + $(if (-not $_.PropertyType.IsValueType) { [char] 0x200C }) }
    foreach ($read in $copy, $again) { Differences $readable $read.PSObject.Properties.Name | ForEach-Object { "a copy of $($record.Name) differs in $_" } }
    foreach ($read in $one, $copy) {
        Differences $shown $read.PSStandardMembers.DefaultDisplayPropertySet.ReferencedPropertyNames |
            ForEach-Object { "the displayed properties of $($read.PSTypeNames[0]) differ in $_" }
        $shown | Where-Object { -not $read.PSObject.Members[$_] } | ForEach-Object { "$($read.PSTypeNames[0]) has no $_" }
    }
}

# Every command and parameter in documents and help examples must exist.
$existing = @{}
Get-Command -Module KubeLab | ForEach-Object { $existing[$_.Name] = $_.ResolvedCommand ?? $_ }
$root = [IO.Path]::GetDirectoryName([IO.Path]::GetFullPath($Manifest))
$documents = @([IO.Directory]::GetFiles($root, '*.md')) + [IO.Directory]::GetFiles("$root/docs", '*.md') +
    [IO.Directory]::GetFiles("$root/examples", '*.ps1', 'AllDirectories')
$found = @(foreach ($document in $documents) {
    $text = [IO.File]::ReadAllText($document)
    if ($document -like '*.ps1') { , @($document, $text) }
    else {
        [regex]::Matches($text, '(?s)```powershell\n(.*?)```|(?<!`)`([^`\n]+-Kl[^`\n]*)`') |
            ForEach-Object { , @($document, ($_.Groups[1].Value + $_.Groups[2].Value.Replace('\|', '|'))) }
    }
})
$found += @(foreach ($command in $commands) {
    $examples[$command.Name] | ForEach-Object { , @("help of $($command.Name)", [string] $_.code) }
})
foreach ($one in $found) {
    $source, $text = $one
    $parsed = [Management.Automation.Language.Parser]::ParseInput($text, [ref] $null, [ref] $null)
    $uses = $parsed.FindAll({ $args[0] -is [Management.Automation.Language.CommandAst] }, $true)
    foreach ($use in $uses | Where-Object { $_.GetCommandName() -cmatch '^[A-Z]\w+-Kl[A-Z]\w*$' }) {
        $command = $existing[$use.GetCommandName()]
        if (-not $command) { "$source mentions $($use.GetCommandName()), which does not exist"; continue }
        $use.CommandElements | Where-Object { $_ -is [Management.Automation.Language.CommandParameterAst] } | ForEach-Object {
            $parameter = $_.ParameterName
            try { [void] $command.ResolveParameter($parameter) } catch { "${source}: $($command.Name) has no -$parameter" }
        }
    }
}
