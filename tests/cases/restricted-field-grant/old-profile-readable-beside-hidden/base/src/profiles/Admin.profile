<Profile xmlns="http://soap.sforce.com/2006/04/metadata">
    <fieldLevelSecurities>
        <editable>false</editable>
        <field>Contact.SSN__c</field>
        <hidden>true</hidden>
    </fieldLevelSecurities>
</Profile>
